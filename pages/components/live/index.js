// Nothing to see: tells the script when a run is no longer in the state that the page was drawn with.

import { following } from "../js/live.js";

const AGAIN = 2000; // ms after which it is told once more, should the message have been lost

export default following(({ data, parentElement, setStateValue }) => {
  clearTimeout(parentElement.again);
  const tell = (times) => {
    if (data.state === data.drawn || !parentElement.isConnected) return;
    setStateValue("state", `${data.state} ${times}`);
    parentElement.again = setTimeout(() => tell(times + 1), AGAIN * times);
  };
  tell(1);
});
