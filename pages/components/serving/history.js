// A visit to a page is one entry of the browser's history, whose address says how the page is now. Streamlit adds an
// entry for every change that Python makes to the address, so that Back has to be pressed many times to get anywhere.
(() => {
  const { pushState, replaceState } = History.prototype;
  let leaving = false;

  // Streamlit takes a page's own parameters out of its address before it goes to another page, and Back would find the
  // page without them. From the click on a link to the other page's address the one of this page must not be emptied.
  const follow = (event) => {
    const link = event.target.closest?.("a[href]");
    const plain = !(event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    leaving = Boolean(link) && plain && link.origin === location.origin && link.pathname !== location.pathname;
  };
  addEventListener("click", follow, true);
  addEventListener("popstate", () => { leaving = false; }, true);

  const isBare = (url) => [...url.searchParams.keys()].every((name) => /^embed(_options)?$/i.test(name));

  history.pushState = (state, title, address) => {
    const url = new URL(address ?? "", location.href);
    if (url.pathname !== location.pathname) {
      leaving = false;
      pushState.call(history, state, title, address);
    } else if (!(leaving && isBare(url))) {
      replaceState.call(history, state, title, address);
    }
  };
})();
