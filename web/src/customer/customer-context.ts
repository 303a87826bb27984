import { createContext, useContext } from "react";

import type { CustomerView } from "../api/types.ts";

interface OpenCustomer {
  /** The id in the address. */
  id: string;
  view: CustomerView;
  /** The timeline entry whose detail is open. */
  opened: string | null;
  open: (entry: string | null) => void;
  showIdentity: () => void;
}

export const CustomerContext = createContext<OpenCustomer | null>(null);

export function useCustomer(): OpenCustomer {
  const customer = useContext(CustomerContext);
  if (!customer) throw new Error("this component is drawn outside of a customer page");
  return customer;
}
