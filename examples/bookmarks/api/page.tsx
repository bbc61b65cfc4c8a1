import { type HttpRequest, socket } from "queue-run";
import { listBookmarks } from "#lib/store.js";

/** What queues/import.ts and queues/fetch-title.ts send to their user arrives here. */
const script = `
  const [bar] = document.getElementsByTagName("progress");
  const list = document.querySelector("ul");
  new WebSocket(document.body.dataset.socket).onmessage = ({ data }) => {
    const { done, total, title } = JSON.parse(data);
    if (total) Object.assign(bar, { value: done, max: total, hidden: false });
    if (title) list.append(Object.assign(document.createElement("li"), { textContent: title }));
  };
  document.forms[0].onsubmit = (event) => {
    event.preventDefault();
    const headers = { "content-type": "text/plain" };
    fetch("/import", { method: "POST", headers, body: event.target.urls.value });
  };
`;

/** GET /page */
export async function get({ user }: HttpRequest) {
  const bookmarks = await listBookmarks();
  return (
    <html lang="en">
      <head>
        <title>Bookmarks</title>
      </head>
      <body data-socket={socket.url}>
        {user ? <Importing name={user.id} /> : <SignIn />}
        <ul>
          {bookmarks.map(({ title, url }) => (
            <li>{title ?? url}</li>
          ))}
        </ul>
        {user && <script dangerouslySetInnerHTML={{ __html: script }} />}
      </body>
    </html>
  );
}

function SignIn() {
  return (
    <form action="/session" method="post">
      <input name="name" aria-label="Your name" required />
      <button type="submit">Sign in</button>
    </form>
  );
}

function Importing({ name }: { name: string }) {
  return (
    <form>
      <p>Hello, {name}. Paste addresses, one on each line:</p>
      <textarea name="urls" aria-label="Addresses" required />
      <button type="submit">Import</button>
      <progress hidden />
    </form>
  );
}
