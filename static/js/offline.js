/** The page that stands in without a network: the address stays, with what takes the place in its fragment. */

addEventListener("online", () => location.reload());
document.querySelector("button")?.addEventListener("click", () => location.reload());
