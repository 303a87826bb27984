import type { CustomerView, Region } from "../api/types.ts";
import { CardFrame } from "./cards/CardFrame.tsx";

const REGIONS: { region: Region; label: string }[] = [
  { region: "left", label: "About the customer" },
  { region: "right", label: "Related" },
  { region: "centre", label: "What happened" },
];

/** Cards stacked in three regions; side by side when there is room, one under the other when not. */
export function Regions({ view }: { view: CustomerView }) {
  const used = REGIONS.filter(({ region }) => view.cards.some((card) => card.region === region));
  return (
    <div className="regions" data-used={used.map(({ region }) => region).join(" ")}>
      {used.map(({ region, label }) => (
        <section key={region} className={`region region-${region}`} aria-label={label}>
          {view.cards
            .filter((card) => card.region === region)
            .map((card) => (
              <CardFrame key={card.id} card={card} />
            ))}
        </section>
      ))}
    </div>
  );
}
