export function get() {
  return "Bookmarks. Try: curl localhost:8000/bookmarks, or open localhost:8000/page\n";
}
