export function get() {
  return "Try: curl localhost:8000/greetings -d name=Ada\n";
}
