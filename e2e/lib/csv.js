// Reads RFC 4180 strictly: anything that a careful reader of the file would stumble over is an error.

/** Returns {header, rows} of a CSV file's bytes; each row is an object by column name. */
export function parseCSV(bytes, delimiter = ',') {
  if (!(bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)) throw new Error('no byte order mark');
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).slice(1);
  const table = readRows(text, delimiter);
  const header = table.shift();
  return {
    header,
    rows: table.map((cells, i) => {
      if (cells.length !== header.length) throw new Error(`row ${i + 1} has ${cells.length} cells, the header ${header.length}`);
      return Object.fromEntries(header.map((name, at) => [name, cells[at]]));
    }),
  };
}

function readRows(text, delimiter) {
  const rows = [];
  let at = 0;
  while (at < text.length) {
    const row = [];
    for (;;) {
      const [cell, end] = text[at] === '"' ? quoted(text, at) : plain(text, at, delimiter);
      row.push(cell);
      at = end;
      if (text[at] !== delimiter) break;
      at++;
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`row ${rows.length} does not end with CRLF at ${at}`);
    at += 2;
    rows.push(row);
  }
  return rows;
}

function quoted(text, begin) {
  let cell = '';
  for (let at = begin + 1; ; ) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new Error(`quote at ${begin} is never closed`);
    cell += text.slice(at, end);
    if (text[end + 1] !== '"') return [cell, end + 1];
    cell += '"';
    at = end + 2;
  }
}

function plain(text, begin, delimiter) {
  let end = begin;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\r' && text[end] !== '\n') {
    if (text[end] === '"') throw new Error(`a bare quote at ${end}`);
    end++;
  }
  return [text.slice(begin, end), end];
}
