/**
 * A picture that somebody chose is made as small as it is shown before it is sent: the form brings less, and takes larger
 * ones. What the browser cannot read goes as it is, and the server says what is wrong with it.
 */
export class SmallPicture {
  #input;
  #box;

  /** @param {HTMLInputElement} input  `data-box`: "480x96" */
  constructor(input) {
    this.#input = input;
    this.#box = (input.dataset.box ?? "").split("x").map(Number);
    input.addEventListener("change", (event) => {
      // Our own word about the smaller one.
      if (event.isTrusted) void this.#shrink();
    });
  }

  async #shrink() {
    const [file] = this.#input.files ?? [];
    const picture = file && (await createImageBitmap(file).catch(() => null));
    if (!picture) return;
    const [width, height] = this.#box;
    const scale = Math.min(width / picture.width, height / picture.height);
    if (scale >= 1) return;
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) return;
    const chosen = new DataTransfer();
    chosen.items.add(new File([blob], "logo.png", { type: blob.type }));
    this.#input.files = chosen.files;
    this.#input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
