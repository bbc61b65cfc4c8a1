/** The page, which connects to `socketUrl` under the name that is asked for. */
export function page(socketUrl: string): string {
  return `<!doctype html>
<title>Chat</title>
<meta name="viewport" content="width=device-width">
<style>
  body { font: 16px system-ui; max-width: 32rem; margin: 2rem auto; padding: 0 1rem }
  #log { list-style: none; padding: 0; min-height: 12rem }
  #notice { color: gray; min-height: 1.5rem }
</style>
<form id="join">
  <input name="name" placeholder="Your name" pattern="[\\w\\-]{1,20}" required autofocus>
  <button>Join</button>
</form>
<section id="chat" hidden>
  <ul id="log"></ul>
  <p id="notice"></p>
  <form id="say">
    <input name="to" value="bot" required>
    <input name="text" placeholder="Say something" required>
    <button>Send</button>
  </form>
</section>
<script>
  const byId = (id) => document.getElementById(id);
  let connection;

  function connect(name) {
    connection = new WebSocket(${JSON.stringify(socketUrl)} + "?name=" + encodeURIComponent(name));
    connection.onopen = () => {
      byId("join").hidden = true;
      byId("chat").hidden = false;
      byId("notice").textContent = "You are " + name;
    };
    connection.onmessage = ({ data }) => {
      const { from, to, text, notice, error } = JSON.parse(data);
      byId("notice").textContent = notice ?? error ?? "";
      if (text === undefined) return;
      const line = document.createElement("li");
      line.textContent = from + " → " + to + ": " + text;
      byId("log").append(line);
    };
    connection.onclose = () => {
      byId("notice").textContent = "Connecting …";
      setTimeout(connect, 1000, name);
    };
  }

  byId("join").onsubmit = (event) => {
    event.preventDefault();
    connect(event.target.elements.name.value);
  };
  byId("say").onsubmit = (event) => {
    event.preventDefault();
    const { to, text } = event.target.elements;
    connection.send(JSON.stringify({ to: to.value, text: text.value }));
    text.value = "";
  };
</script>
`;
}
