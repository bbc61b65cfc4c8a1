export function get() {
  return "Bookmarks. Try: curl localhost:8000/bookmarks\n";
}
