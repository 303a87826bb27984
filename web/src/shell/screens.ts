import { DatabaseZap, FileUp, Scale, SlidersHorizontal, UsersRound, type LucideIcon } from "lucide-react";

import { useSession } from "../session/session.ts";

export interface Screen {
  to: "/customers" | "/doubts" | "/models" | "/sources" | "/imports";
  label: string;
  icon: LucideIcon;
  keys: string;
  /** The right without which the screen would only refuse. */
  right: string;
}

const SCREENS: Screen[] = [
  { to: "/customers", label: "Customers", icon: UsersRound, keys: "g c", right: "customers" },
  { to: "/doubts", label: "Doubts", icon: Scale, keys: "g d", right: "merge" },
  { to: "/sources", label: "Sources", icon: DatabaseZap, keys: "g s", right: "sources" },
  { to: "/imports", label: "Imports", icon: FileUp, keys: "g i", right: "import" },
  { to: "/models", label: "Models", icon: SlidersHorizontal, keys: "g m", right: "models" },
];

/** The screens of the role; none before it is known who asks. */
export function useScreens(): Screen[] {
  const may = useSession()?.may ?? [];
  return SCREENS.filter(({ right }) => may.includes(right));
}
