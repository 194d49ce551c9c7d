// A small Prometheus registry: counters, gauges, histograms, in the text format 0.0.4. Bounded: a label that grows without end is cut off.

export type Labels = Readonly<Record<string, string>>;
export type Counter = { add(by?: number, labels?: Labels): void };
export type Gauge = { set(value: number, labels?: Labels): void; remove(labels?: Labels): void };
export type Histogram = { observe(value: number, labels?: Labels): void };

export type Metrics = {
  /** Names as Prometheus wants them: `headgate_…_total` for counters, units in the name (`_seconds`, `_bytes`, `_bits_per_second`). */
  counter(name: string, help: string): Counter;
  gauge(name: string, help: string): Gauge;
  /** @param limits upper bounds, ascending; `+Inf` is added. */
  histogram(name: string, help: string, limits: readonly number[]): Histogram;
  /** Called before each reading, for gauges that are looked up rather than kept. */
  onRead(collect: () => void): void;
  text(): string;
};

type Kind = 'counter' | 'gauge' | 'histogram';
type Family = { readonly help: string; readonly kind: Kind; readonly lines: () => Iterable<string> };

/** Series of one name; more than this is a mistake in its labels. */
const MAX_SERIES = 1_000;

export function createMetrics(): Metrics {
  const families = new Map<string, Family>();
  const collectors: (() => void)[] = [];

  function add<Value>(name: string, help: string, kind: Kind, show: (series: string, value: Value) => Iterable<string>) {
    if (!/^[a-z][a-z0-9_]*$/.test(name) || families.has(name)) throw new TypeError(`metric name ${name} is not valid or taken`);
    const series = new Map<string, Value>();
    families.set(name, {
      help,
      kind,
      lines: function* () {
        for (const [labels, value] of series) yield* show(labels, value);
      },
    });
    return {
      get: (labels: Labels | undefined) => series.get(labelText(labels)),
      set(labels: Labels | undefined, value: Value): void {
        const key = labelText(labels);
        if (series.has(key) || series.size < MAX_SERIES) series.set(key, value);
      },
      remove: (labels: Labels | undefined) => series.delete(labelText(labels)),
    };
  }
  const plain = (name: string, help: string, kind: Kind) =>
    add<number>(name, help, kind, (labels, value) => [`${name}${braced(labels)} ${shown(value)}`]);

  return {
    counter(name, help) {
      const values = plain(name, help, 'counter');
      values.set(undefined, 0);
      return {
        add: (by = 1, labels) => {
          // A counter never falls; a wrong value must not make rates negative.
          if (by >= 0) values.set(labels, (values.get(labels) ?? 0) + by);
        },
      };
    },
    gauge(name, help) {
      const values = plain(name, help, 'gauge');
      return { set: (value, labels) => values.set(labels, value), remove: (labels) => values.remove(labels) };
    },
    histogram(name, help, limits) {
      const values = add<Buckets>(name, help, 'histogram', (labels, value) => bucketLines(name, labels, limits, value));
      return {
        observe(value, labels) {
          const old = values.get(labels) ?? { counts: limits.map(() => 0), sum: 0, count: 0 };
          const counts = old.counts.map((count, index) => (value <= (limits[index] ?? 0) ? count + 1 : count));
          values.set(labels, { counts, sum: old.sum + value, count: old.count + 1 });
        },
      };
    },
    onRead: (collect) => void collectors.push(collect),
    text() {
      for (const collect of collectors) collect();
      const parts: string[] = [];
      for (const [name, { help, kind, lines }] of families)
        parts.push(
          `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
          `# TYPE ${name} ${kind}`,
          ...lines(),
        );
      return `${parts.join('\n')}\n`;
    },
  };
}

type Buckets = { readonly counts: readonly number[]; readonly sum: number; readonly count: number };

function* bucketLines(
  name: string,
  labels: string,
  limits: readonly number[],
  { counts, sum, count }: Buckets,
): Generator<string> {
  const before = labels === '' ? '' : `${labels},`;
  for (const [index, limit] of limits.entries()) yield `${name}_bucket{${before}le="${limit}"} ${counts[index] ?? 0}`;
  yield `${name}_bucket{${before}le="+Inf"} ${count}`;
  yield `${name}_sum${braced(labels)} ${shown(sum)}`;
  yield `${name}_count${braced(labels)} ${count}`;
}

const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`);
const shown = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? '+Inf' : value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);

const labelText = (labels: Labels = {}): string =>
  Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escaped(labels[name] ?? '')}"`)
    .join(',');

const escaped = (value: string): string =>
  value.slice(0, 200).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
