// Packs a folder into one zip archive, in the browser, and gives it to a file uploader of the page:
// a file for each image would keep Streamlit's uploader busy for minutes.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function record(...fields) {  // pairs: bytes, value
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    size === 2 ? view.setUint16(at, value, true) : view.setUint32(at, value, true);
    at += size;
  }
  return view.buffer;
}

async function zipped(files, tell) {
  const parts = [], central = [];
  let at = 0, centralBytes = 0;
  for (const [number, file] of files.entries()) {
    tell(number);
    const name = new TextEncoder().encode(file.webkitRelativePath || file.name);
    const crc = crc32(new Uint8Array(await file.arrayBuffer()));
    // version, flags (names are UTF-8), method (stored), time, date, CRC, sizes, lengths of names
    const told = [[2, 20], [2, 0x800], [2, 0], [2, 0], [2, 0x21], [4, crc], [4, file.size],
      [4, file.size], [2, name.length], [2, 0]];
    parts.push(record([4, 0x04034b50], ...told), name, file);
    central.push(record([4, 0x02014b50], [2, 20], ...told, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]),
      name);
    at += 30 + name.length + file.size;
    centralBytes += 46 + name.length;
  }
  const end = record([4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length],
    [4, centralBytes], [4, at], [2, 0]);
  return new Blob([...parts, ...central, end]);
}

export default function({ data, parentElement }) {
  const input = parentElement.querySelector("input");
  const told = parentElement.querySelector("output");
  const tell = (words) => { told.textContent = words; };
  if (input.turn !== data.turn) {
    input.turn = data.turn;
    tell("webkitdirectory" in input ? "" : "This browser can't choose folders. Make it a zip.");
  }
  input.onchange = async () => {
    const all = [...input.files];
    const files = all.filter((file) => data.suffixes.some((suffix) =>
      file.name.toLowerCase().endsWith(suffix)) && !file.name.startsWith("."));
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (!files.length) return tell("No images are in this folder.");
    if (files.length > data.most_files || bytes > data.most_bytes) {
      return tell(`This folder has ${files.length.toLocaleString("en")} images of ` +
        `${Math.ceil(bytes / 2 ** 20).toLocaleString("en")} MB; at most ` +
        `${data.most_files.toLocaleString("en")} of ${data.most_bytes / 2 ** 20} MB are taken.`);
    }
    const count = `${files.length.toLocaleString("en")} file${files.length === 1 ? "" : "s"}`;
    try {
      const content = await zipped(files, (number) => {
        if (number % 50 === 0) tell(`Packing ${number.toLocaleString("en")} of ${count}`);
      });
      const root = (files[0].webkitRelativePath || "folder").split("/")[0] || "folder";
      const archive = new DataTransfer();
      archive.items.add(new File([content], `${root}.zip`, { type: "application/zip" }));
      const uploader = document.querySelector(data.uploader);
      uploader.files = archive.files;
      uploader.dispatchEvent(new Event("change", { bubbles: true }));
      const others = all.length - files.length;
      tell(`${count} packed${others ? `; ${others.toLocaleString("en")} others are no images` : ""}`
        + ". Now press Import.");
    } catch (error) {
      tell(`The folder can't be read: ${error.message}`);
    }
    input.value = "";  // so that the same folder can be chosen again
  };
}
