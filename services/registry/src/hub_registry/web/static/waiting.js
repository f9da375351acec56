// A page that waits for work to end looks again by itself; without this there is a link that does.
const link = document.getElementById("again");
if (link) setTimeout(() => location.replace(link.href), 1000);
