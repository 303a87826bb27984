import { Menu, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Check, ChevronDown, LogOut, Monitor, Moon, Sun, type LucideIcon } from "lucide-react";

import { say } from "../kit/say.tsx";
import { liveChannel } from "../live/live-channel.ts";
import { useSession, useSignOut, useSwitchRole } from "../session/session.ts";

const SCHEMES: { id: MantineColorScheme; label: string; icon: LucideIcon }[] = [
  { id: "light", label: "Light", icon: Sun },
  { id: "dark", label: "Dark", icon: Moon },
  { id: "auto", label: "As the system", icon: Monitor },
];

/** Who I am, in which role, and how it looks. */
export function PersonMenu() {
  const session = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  const switchRole = useSwitchRole();
  const signOut = useSignOut();
  if (!session) return <span className="person-place" />;

  const roleTitle = session.roles.find((role) => role.id === session.role)?.title ?? session.role;
  const change = (role: string, title: string) =>
    switchRole.mutate(role, {
      onSuccess: () => {
        liveChannel.restart();
        say(`You now work as ${title}`);
      },
    });
  const leave = () =>
    signOut.mutate(undefined, { onSuccess: () => void navigate({ to: "/sign-in", search: {} }) });

  return (
    <Menu position="bottom-end" width={240} withinPortal>
      <Menu.Target>
        <UnstyledButton className="person" aria-label={`${session.name}, ${roleTitle}. Role and settings`}>
          <span className="person-initials" aria-hidden>
            {session.name.slice(0, 1).toUpperCase()}
          </span>
          <span className="person-words wide-only">
            <span className="cut person-name">{session.name}</span>
            <span className="cut dim person-role">{roleTitle}</span>
          </span>
          <ChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{session.roles.length > 1 ? "Work as" : "Role"}</Menu.Label>
        {session.roles.map((role) => (
          <Menu.Item
            key={role.id}
            role="menuitemradio"
            aria-checked={role.id === session.role}
            leftSection={<Check size={14} aria-hidden opacity={role.id === session.role ? 1 : 0} />}
            onClick={() => change(role.id, role.title)}
          >
            {role.title}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>Colours</Menu.Label>
        {SCHEMES.map(({ id, label, icon: Icon }) => (
          <Menu.Item
            key={id}
            role="menuitemradio"
            aria-checked={colorScheme === id}
            leftSection={<Icon size={14} aria-hidden />}
            rightSection={colorScheme === id ? <Check size={14} aria-hidden /> : null}
            onClick={() => setColorScheme(id)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={14} aria-hidden />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
