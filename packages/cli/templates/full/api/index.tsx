export function get() {
  return (
    <html lang="en">
      <body>
        <h1>Send an email</h1>
        <form method="post" action="/emails">
          <input name="to" type="email" placeholder="ada@example.com" required />
          <input name="text" placeholder="Hello!" required />
          <button type="submit">Send</button>
        </form>
      </body>
    </html>
  );
}
