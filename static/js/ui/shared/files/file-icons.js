/** What only files need to show, besides the shared icons. */
import { addIcons } from "../icons.js";

addIcons({
  attach: "M20 11.5 12.3 19a5 5 0 0 1-7-7l8-8a3.4 3.4 0 0 1 4.8 4.8l-7.9 7.9a1.7 1.7 0 0 1-2.4-2.4l7.2-7.2",
  camera:
    "M4.5 7.5h3L9 5h6l1.5 2.5h3A1.25 1.25 0 0 1 20.75 8.75v9A1.25 1.25 0 0 1 19.5 19h-15a1.25 1.25 0 0 1-1.25-1.25v-9A1.25 1.25 0 0 1 4.5 7.5ZM12 9.75a3.25 3.25 0 1 0 0 6.5 3.25 3.25 0 0 0 0-6.5Z",
  file: "M6.5 3.5h7.25L18.5 8.25V19.5a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-15a1 1 0 0 1 1-1ZM13.5 3.75V8.5h4.75M8.75 12.75h6.5M8.75 16h6.5",
  download: "M12 4v11.25M7.25 10.75 12 15.5l4.75-4.75M5 19.75h14",
  again: "M19.5 8A8 8 0 0 0 5 8.5M4.5 4.5v4.5H9M4.5 16A8 8 0 0 0 19 15.5M19.5 19.5V15H15",
  before: "M14.5 5.5 8 12l6.5 6.5",
  after: "M9.5 5.5 16 12l-6.5 6.5",
});

export { icon, setIcon } from "../icons.js";
