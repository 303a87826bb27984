import { Clock } from "lucide-react";
import { Component, type ReactNode } from "react";

import type { Card } from "../../api/types.ts";
import { Trouble } from "../../kit/Trouble.tsx";
import { countText } from "../../kit/words.ts";
import { TimelineCard } from "../../timeline/TimelineCard.tsx";
import { ActionsCard } from "./ActionsCard.tsx";
import { ChartCard } from "./ChartCard.tsx";
import { FieldsCard } from "./FieldsCard.tsx";
import { ListCard } from "./ListCard.tsx";
import { MatrixCard } from "./MatrixCard.tsx";
import { MetricCard } from "./MetricCard.tsx";
import { TableCard } from "./TableCard.tsx";

/** The frame of every card: title, total, freshness, and its own place for failures. */
export function CardFrame({ card }: { card: Card }) {
  if (card.empty) {
    return (
      <section className="panel card card-empty" aria-label={card.title}>
        <p className="dim">{card.empty}</p>
      </section>
    );
  }
  return (
    <section className="panel card" data-kind={card.kind} aria-label={card.title}>
      <div className="card-head">
        <h2 className="card-title">{card.title}</h2>
        {card.total != null && card.total > 0 && <span className="dim num">{countText(card.total)}</span>}
      </div>
      {card.fresh?.late && card.fresh.sentence && (
        <p className="card-late">
          <Clock size={13} aria-hidden /> {card.fresh.sentence}
        </p>
      )}
      <CardFault title={card.title}>
        <CardBody card={card} />
      </CardFault>
    </section>
  );
}

function CardBody({ card }: { card: Card }) {
  switch (card.kind) {
    case "fields":
      return <FieldsCard rows={card.payload.rows} />;
    case "list":
      return <ListCard rows={card.payload.rows} />;
    case "table":
      return <TableCard title={card.title} {...card.payload} />;
    case "timeline":
      return <TimelineCard />;
    case "metric":
      return <MetricCard items={card.payload.items} />;
    case "chart":
      return <ChartCard {...card.payload} />;
    case "matrix":
      return <MatrixCard title={card.title} {...card.payload} />;
    case "text":
      return (
        <p className="card-text">
          <bdi>{card.payload.text}</bdi>
        </p>
      );
    case "actions":
      return <ActionsCard items={card.payload.items} />;
  }
}

/** A card that cannot be drawn says so in its place; the others go on. */
class CardFault extends Component<{ title: string; children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    if (!this.state.error) return this.props.children;
    return (
      <Trouble
        error={this.state.error}
        what={`${this.props.title} could not be drawn`}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
