import {
  BadgePercent,
  CalendarDays,
  Circle,
  CreditCard,
  FileText,
  Handshake,
  Mail,
  Megaphone,
  MousePointerClick,
  Package,
  Phone,
  ReceiptText,
  Repeat,
  RotateCcw,
  ShieldCheck,
  ShoppingBag,
  Star,
  Ticket,
  type LucideIcon,
} from "lucide-react";

/** A picture per type of interaction; a type this list does not know gets a plain dot. */
const ICONS: Record<string, LucideIcon> = {
  order: ShoppingBag,
  order_line: Package,
  payment: CreditCard,
  refund: RotateCcw,
  invoice: ReceiptText,
  subscription: Repeat,
  ticket: Ticket,
  message: Mail,
  call: Phone,
  meeting: CalendarDays,
  campaign: Megaphone,
  page_view: FileText,
  track: MousePointerClick,
  consent: ShieldCheck,
  note: FileText,
  review: Star,
  deal: Handshake,
  social_post: BadgePercent,
};

export function entryIcon(type: string): LucideIcon {
  return ICONS[type] ?? Circle;
}
