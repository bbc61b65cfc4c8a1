import { columns } from "../../../terminal/served-table.js";
import type { CostEstimate } from "./estimate-cost.js";
import { PRICES } from "./prices.js";

/** The estimate as a person reads it: lines, totals, prices with their date, and what was assumed. */
export function costText({ lines, total, afterFreeTier, assumptions }: CostEstimate): string {
  const rows = lines.map(({ service, what, quantity, unit, unitPrice, dollars }) => [
    service,
    what,
    `${quantityText(quantity)} ${unit}`,
    `at ${priceText(unitPrice, unit)}`,
    dollarText(dollars),
  ]);
  return [
    ...columns(rows),
    "",
    `About ${dollarText(total)} a month; ${dollarText(afterFreeTier)} where the account's free tier is unused otherwise.`,
    "",
    `List prices of ${PRICES.region} as of ${PRICES.asOf}, in US dollars. An estimate, not a quote:`,
    ...assumptions.map((assumption) => `  - ${assumption}`),
  ].join("\n");
}

function quantityText(quantity: number): string {
  if (quantity >= 100) return Math.round(quantity).toLocaleString("en-US");
  return quantity.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

function priceText(price: number, unit: string): string {
  if (unit === "GB") return `$${price.toFixed(2)} a GB`;
  return `$${(price * 1e6).toFixed(2)} a million`;
}

function dollarText(dollars: number): string {
  if (dollars > 0 && dollars < 0.005) return "under $0.01";
  return `$${dollars.toFixed(2)}`;
}
