import { url } from "queue-run";

export function get() {
  return (
    <html lang="en">
      <body>
        <h1>It works</h1>
        <p>
          <a href={url("/hello/[name]", { name: "Ada" })}>Say hello</a>
        </p>
      </body>
    </html>
  );
}
