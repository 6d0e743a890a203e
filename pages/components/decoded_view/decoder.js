// A decoder that runs in the browser, from the file that `engine.latent.views.portable` writes.

export class Decoder {
  // Fetch and read a file; the browser keeps it.
  static async load(name) {
    const answer = await fetch(new URL(name, document.baseURI));
    if (!answer.ok) throw new Error(`The decoder could not be loaded (${answer.status}).`);
    return new Decoder(await answer.arrayBuffer());
  }

  constructor(buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const numbers = new Float32Array(buffer, 4 + length);
    let at = 0;
    const take = (n) => numbers.subarray(at, (at += n));
    Object.assign(this, head);
    this.centre = take(head.latent);
    this.axes = take(2 * head.latent);
    const size = head.shape.reduce((a, b) => a * b);
    for (const layer of this.layers) {
      const { kind, inputs, outputs, kernel } = layer;
      if (kind === "dense") [layer.weight, layer.bias] = [take(inputs * outputs), take(outputs)];
      if (kernel) [layer.weight, layer.bias] = [take(inputs * outputs * kernel * kernel), take(outputs)];
      if (kind === "affine") [layer.scale, layer.shift] = [take(size), take(size)];
    }
  }

  // Return the code of a place in the plane that codes are drawn in.
  codeAt(x, y) {
    return Float32Array.from(this.centre, (value, i) => value + this.axes[2 * i] * x + this.axes[2 * i + 1] * y);
  }

  // Return what a code decodes to, flat, under a label where the decoder is told one.
  decode(code, label = 0) {
    let values = code;
    if (this.labels) {
      values = new Float32Array(code.length + this.labels);
      values.set(code);
      values[code.length + label] = 1;
    }
    return this.layers.reduce((given, layer) => LAYERS[layer.kind](given, layer), values);
  }
}

const LAYERS = {
  dense(given, { inputs, outputs, weight, bias }) {
    const result = new Float32Array(outputs);
    for (let i = 0, at = 0; i < outputs; i++) {
      let sum = bias[i];
      for (let j = 0; j < inputs; j++) sum += weight[at++] * given[j];
      result[i] = sum;
    }
    return result;
  },
  relu: (given) => given.map((value) => (value > 0 ? value : 0)),
  sigmoid: (given) => given.map((value) => 1 / (1 + Math.exp(-value))),
  clip: (given) => given.map((value) => Math.min(Math.max(value, 0), 1)),
  affine: (given, { scale, shift }) => given.map((value, i) => value * scale[i] + shift[i]),

  // A weight is (outputs, inputs, kernel, kernel): each output gathers its neighbourhood.
  convolution(given, { inputs, outputs, side, kernel, padding, weight, bias }) {
    const result = new Float32Array(outputs * side * side);
    for (let out = 0; out < outputs; out++) {
      for (let row = 0; row < side; row++) {
        for (let column = 0; column < side; column++) {
          let sum = bias[out];
          for (let channel = 0; channel < inputs; channel++) {
            for (let i = 0; i < kernel; i++) {
              const y = row + i - padding;
              if (y < 0 || y >= side) continue;
              for (let j = 0; j < kernel; j++) {
                const x = column + j - padding;
                if (x < 0 || x >= side) continue;
                sum += weight[((out * inputs + channel) * kernel + i) * kernel + j] * given[(channel * side + y) * side + x];
              }
            }
          }
          result[(out * side + row) * side + column] = sum;
        }
      }
    }
    return result;
  },

  // A weight is (inputs, outputs, kernel, kernel): each input is spread over its neighbourhood.
  transposed(given, { inputs, outputs, side, kernel, stride, padding, weight, bias }) {
    const large = side * stride;
    const result = new Float32Array(outputs * large * large);
    for (let out = 0; out < outputs; out++) result.fill(bias[out], out * large * large, (out + 1) * large * large);
    for (let channel = 0; channel < inputs; channel++) {
      for (let row = 0; row < side; row++) {
        for (let column = 0; column < side; column++) {
          const value = given[(channel * side + row) * side + column];
          if (!value) continue; // after a ReLU many are 0
          for (let out = 0; out < outputs; out++) {
            for (let i = 0; i < kernel; i++) {
              const y = row * stride + i - padding;
              if (y < 0 || y >= large) continue;
              for (let j = 0; j < kernel; j++) {
                const x = column * stride + j - padding;
                if (x < 0 || x >= large) continue;
                result[(out * large + y) * large + x] += weight[((channel * outputs + out) * kernel + i) * kernel + j] * value;
              }
            }
          }
        }
      }
    }
    return result;
  },
};
