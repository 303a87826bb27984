import { createTheme, type CSSVariablesResolver } from "@mantine/core";

/**
 * Mantine's own colours miss AA contrast (blue on white is 3.56:1), so shades and dimmed text are set here,
 * once, for both schemes. Components use these tokens and never literal shades.
 */
export const theme = createTheme({
  colors: {
    dark: ["#e6e8eb", "#c3c8ce", "#a9afb6", "#949aa2", "#363b43", "#2b3037", "#21252b", "#181b20", "#101215", "#0b0c0e"],
  },
  primaryColor: "indigo",
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  fontFamily: 'Inter, "Segoe UI", system-ui, -apple-system, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.8125rem", lg: "0.9375rem", xl: "1.125rem" },
  headings: { fontWeight: "600" },
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "xs" } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "xs" } },
    Tooltip: { defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: false } } },
  },
});

export const colours: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-text": "#1a1d21",
    "--mantine-color-dimmed": "#5c636a",
    "--mantine-color-placeholder": "#686f77",
    "--mantine-color-anchor": "#3448b8",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-default-border": "#d5d8de",
  },
  dark: {
    "--mantine-color-body": "#181b20",
    "--mantine-color-text": "#e6e8eb",
    "--mantine-color-dimmed": "#a9afb6",
    "--mantine-color-placeholder": "#949aa2",
    "--mantine-color-anchor": "#a5b4fc",
    "--mantine-color-error": "#ff9d94",
    "--mantine-color-default": "#1d2025",
    "--mantine-color-default-hover": "#252930",
    "--mantine-color-default-border": "#363b43",
  },
});
