/** Work that is put off until the host has had its turn, in Node and in a browser. */

/** Once. Answers what takes it back. */
export function atNextTurn(work: () => void): () => void {
  if (typeof setImmediate === "function") {
    const immediate = setImmediate(work);
    return () => {
      clearImmediate(immediate);
    };
  }
  // A browser makes a timer within a timer wait 4 ms; a message comes behind what waits already, and no later.
  let isWanted = true;
  const { port1, port2 } = new MessageChannel();
  // Assigned, since it also starts the port; Node's types have no such member.
  Object.assign(port1, {
    onmessage() {
      port1.close();
      if (isWanted) work();
    },
  });
  port2.postMessage(undefined);
  return () => {
    isWanted = false;
  };
}
