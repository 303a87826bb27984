import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { forgetKept, request } from "../api/request.ts";

export interface RoleChoice {
  id: string;
  title: string;
}

export interface DemoSignIn {
  username: string;
  password: string;
  name: string;
  role: string;
  title: string;
}

export interface Session {
  signed_in: boolean;
  name: string;
  username: string;
  role: string;
  roles: RoleChoice[];
  may: string[];
  desktop: string | null;
  demo: DemoSignIn[];
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => request<Session>("/session", { signal }),
  staleTime: 60_000,
});

/** Who is signed in; `undefined` while asking. */
export function useSession(): Session | undefined {
  return useQuery(sessionQuery).data;
}

export function useMay(right: string): boolean {
  return useSession()?.may.includes(right) ?? false;
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (who: { username: string; password: string }) =>
      request<Session>("/session", { method: "POST", json: who }),
    onSuccess: async () => {
      forgetKept();
      await client.resetQueries({ queryKey: ["session"] });
    },
  });
}

export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request<void>("/session", { method: "DELETE" }),
    onSuccess: () => {
      forgetKept();
      client.clear();
    },
  });
}

/** Everything on the screen was made for the old role, so nothing of it is kept. */
export function useSwitchRole() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (role: string) => request<Session>("/session/role", { method: "PUT", json: { role } }),
    onSuccess: async () => {
      forgetKept();
      await client.resetQueries();
    },
  });
}
