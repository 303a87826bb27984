import { Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { useScreens } from "./screens.ts";

/** Left rail; under 768 px the bar at the bottom. */
export function Rail() {
  const screens = useScreens();
  return (
    <nav className="rail" aria-label="Screens">
      <ul>
        {screens.map(({ to, label, icon: Icon, keys }) => (
          <li key={label}>
            <Tooltip label={`${label} (${keys})`} position="right">
              <Link to={to} search={{}} className="rail-link" activeProps={{ "data-active": true }}>
                <Icon size={19} aria-hidden />
                <span className="rail-label">{label}</span>
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
    </nav>
  );
}
