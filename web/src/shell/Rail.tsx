import { Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { DatabaseZap, FileUp, UsersRound, type LucideIcon } from "lucide-react";

interface Screen {
  to: "/customers" | "/sources" | "/imports";
  label: string;
  icon: LucideIcon;
  keys: string;
}

const SCREENS: Screen[] = [
  { to: "/customers", label: "Customers", icon: UsersRound, keys: "g c" },
  { to: "/sources", label: "Sources", icon: DatabaseZap, keys: "g s" },
  { to: "/imports", label: "Imports", icon: FileUp, keys: "g i" },
];

/** Left rail; under 768 px the bar at the bottom. */
export function Rail() {
  return (
    <nav className="rail" aria-label="Screens">
      <ul>
        {SCREENS.map(({ to, label, icon: Icon, keys }) => (
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
