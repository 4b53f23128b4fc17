declare module "kafkajs-snappy" {
  /** A codec in the shape that kafkajs' CompressionCodecs take. */
  const codec: () => {
    compress(encoder: { buffer: Buffer }): Promise<Buffer>;
    decompress(bytes: Buffer): Promise<Buffer>;
  };
  export default codec;
}
