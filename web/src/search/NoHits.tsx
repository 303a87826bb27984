/** Says what was searched, so that "nothing" can be believed. */
export function NoHits({ text, searched }: { text: string; searched: string[] }) {
  return (
    <div className="no-hits">
      <p>
        Nobody found for “<bdi>{text}</bdi>”.
      </p>
      {searched.length > 0 && <p className="dim">Searched: {searched.join(", ")}.</p>}
    </div>
  );
}
