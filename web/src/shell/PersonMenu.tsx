import { Menu, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { ChevronDown, LogOut, Monitor, Moon, Sun, type LucideIcon } from "lucide-react";

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
  if (!session?.signed_in) return <span className="person-place" />;

  const titleOf = (role: string) => session.roles.find(({ id }) => id === role)?.title ?? role;
  const roleTitle = titleOf(session.role);
  const change = (role: string) =>
    switchRole.mutate(role, {
      onSuccess: () => {
        liveChannel.restart();
        say(`You now work as ${titleOf(role)}`);
      },
    });
  const leave = () =>
    signOut.mutate(undefined, { onSuccess: () => void navigate({ to: "/sign-in", search: {} }) });

  return (
    <Menu position="bottom-end" width={240} withInitialFocusPlaceholder={false}>
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
        <Menu.RadioGroup value={session.role} onChange={change}>
          {session.roles.map((role) => (
            <Menu.RadioItem key={role.id} value={role.id} closeMenuOnClick>
              {role.title}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Label>Colours</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
          {SCHEMES.map(({ id, label, icon: Icon }) => (
            <Menu.RadioItem key={id} value={id} rightSection={<Icon size={14} aria-hidden />}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={14} aria-hidden />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
