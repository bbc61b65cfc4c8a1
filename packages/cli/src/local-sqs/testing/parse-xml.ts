/** An element of XML: text or children. */
export type XmlElement = { name: string; text: string; children: XmlElement[] };

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Parses the XML that web services of AWS write: elements and text, no comments, no CDATA. Throws on anything else. */
export function parseXml(xml: string): XmlElement {
  // A parser reads every line end as a line feed; a carriage return survives only as a character reference.
  const source = xml.replace(/^<\?xml[^>]*\?>/, "").replace(/\r\n?/g, "\n");
  const root: XmlElement = { name: "", text: "", children: [] };
  const open = [root];
  let at = 0;
  for (const match of source.matchAll(/<(\/?)([\w.]+)[^>]*?(\/?)>/g)) {
    const parent = open.at(-1);
    if (parent === undefined) throw new Error(`Not XML: ${xml}`);
    parent.text += unescapeXml(source.slice(at, match.index));
    at = match.index + match[0].length;
    const [, closing, name = "", selfClosing] = match;
    if (closing === "/") {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing in ${xml}`);
    } else {
      const element: XmlElement = { name, text: "", children: [] };
      parent.children.push(element);
      if (selfClosing !== "/") open.push(element);
    }
  }
  const [document] = root.children;
  if (open.length !== 1 || document === undefined) throw new Error(`Not XML: ${xml}`);
  return document;
}

function unescapeXml(text: string): string {
  return text.replace(/&(#x?[\da-fA-F]+|\w+);/g, (_, entity: string) => {
    if (entity.startsWith("#x")) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
    if (entity.startsWith("#")) return String.fromCodePoint(Number(entity.slice(1)));
    const character = ENTITIES[entity];
    if (character === undefined) throw new Error(`No entity &${entity};`);
    return character;
  });
}
