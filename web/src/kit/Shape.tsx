import "../styles/shape.css";

import { Lock } from "lucide-react";

/** A text of which the reader may see only how it is written. */
export function Shape({ text }: { text: string }) {
  return (
    <span className="shape">
      <Lock size={11} aria-hidden />
      <span className="spoken">hidden, written like</span> <bdi>{text}</bdi>
    </span>
  );
}

/** Says once, beside shapes, what they are. */
export function ShapeNote() {
  return (
    <p className="dim shape-note">
      <Lock size={12} aria-hidden /> Values with a lock are hidden from your role. You see how they are written: Xxx stands for a word, 9 for a digit.
    </p>
  );
}
