import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  parseSearchWith,
  stringifySearchWith,
} from "@tanstack/react-router";

import { textParameters } from "./kit/address.ts";
import { Home } from "./shell/Home.tsx";
import { Shell } from "./shell/Shell.tsx";
import { CrashNote, NoSuchPage } from "./shell/CrashNote.tsx";

const root = createRootRoute({ component: Outlet, notFoundComponent: NoSuchPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search) => textParameters(search, "then"),
  component: lazyRouteComponent(() => import("./session/SignInPage.tsx"), "SignInPage"),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./setup/SetupPage.tsx"), "SetupPage"),
});

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: Home,
});

const customers = createRoute({
  getParentRoute: () => shell,
  path: "/customers",
  validateSearch: (search) => textParameters(search, "q"),
  component: lazyRouteComponent(() => import("./search/CustomersPage.tsx"), "CustomersPage"),
});

const customer = createRoute({
  getParentRoute: () => shell,
  path: "/customers/$id",
  validateSearch: (search) => textParameters(search, "filter", "why"),
  component: lazyRouteComponent(() => import("./customer/CustomerPage.tsx"), "CustomerPage"),
});

const doubts = createRoute({
  getParentRoute: () => shell,
  path: "/doubts",
  component: lazyRouteComponent(() => import("./doubts/DoubtsPage.tsx"), "DoubtsPage"),
});

const models = createRoute({
  getParentRoute: () => shell,
  path: "/models",
  component: lazyRouteComponent(() => import("./models/ModelsPage.tsx"), "ModelsPage"),
});

const sources = createRoute({
  getParentRoute: () => shell,
  path: "/sources",
  validateSearch: (search) => textParameters(search, "quarantine"),
  component: lazyRouteComponent(() => import("./sources/SourcesPage.tsx"), "SourcesPage"),
});

const oneSource = createRoute({
  getParentRoute: () => shell,
  path: "/sources/$slug",
  validateSearch: (search) => textParameters(search, "stream", "quarantine"),
  component: lazyRouteComponent(() => import("./sources/SourcePage.tsx"), "SourcePage"),
});

const imports = createRoute({
  getParentRoute: () => shell,
  path: "/imports",
  component: lazyRouteComponent(() => import("./imports/ImportsPage.tsx"), "ImportsPage"),
});

const oneImport = createRoute({
  getParentRoute: () => shell,
  path: "/imports/$id",
  component: lazyRouteComponent(() => import("./imports/ImportWizard.tsx"), "ImportWizard"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    setup,
    shell.addChildren([home, customers, customer, doubts, models, sources, oneSource, imports, oneImport]),
  ]),
  // Plain text both ways: a phone or an order number in the address must not turn into a number.
  parseSearch: parseSearchWith((text) => text),
  stringifySearch: stringifySearchWith(String),
  defaultPreload: "intent",
  defaultErrorComponent: CrashNote,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
