import { toUnixNs } from '../trace/clock.js';
import type { ContentItem, EndedSpan } from '../trace/ended-span.js';
import { ByteWriter } from './byte-writer.js';
import { encodeStrings, type Column } from './native-format.js';
import { resourceOf, type ExportedSpan, type Resource } from './span-columns.js';

/** One piece of content with the span it belongs to. */
export interface ContentRow {
  span: EndedSpan;
  item: ContentItem;
}

/** All content of a batch. */
export function contentRows(spans: readonly ExportedSpan[]): ContentRow[] {
  const rows: ContentRow[] = [];
  for (const { span } of spans) for (const item of span.content ?? []) rows.push({ span, item });
  return rows;
}

/** The columns of `span_content`, in the order of an insert. */
export function contentColumns(resource: Resource): Column<ContentRow>[] {
  const text = (name: string, of: (row: ContentRow) => string): Column<ContentRow> => ({
    name,
    type: 'String',
    encode: (rows) => encodeStrings(rows.map(of)),
  });
  return [
    {
      name: 'Timestamp',
      type: 'DateTime64(9)',
      encode: (rows) => {
        const writer = new ByteWriter(rows.length * 8);
        for (const { span } of rows) writer.int64(toUnixNs(span.startTime));
        return writer;
      },
    },
    text('TraceId', ({ span }) => span.traceId),
    text('SpanId', ({ span }) => span.spanId),
    text('ServiceName', ({ span }) => resourceOf(span, resource).service),
    text('Key', ({ item }) => item.key),
    text('Value', ({ item }) => item.value),
  ];
}
