export function IdentityDrawer(_: { id: string; name: string; onClose: () => void }) { return null; }
