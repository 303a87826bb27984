export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#3b5bdb" />
      <path d="M5 16c3-5.2 6.7-7.8 11-7.8S24 10.8 27 16c-3 5.2-6.7 7.8-11 7.8S8 21.2 5 16z" fill="#fff" />
      <circle cx="16" cy="16" r="4.6" fill="#3b5bdb" />
    </svg>
  );
}
