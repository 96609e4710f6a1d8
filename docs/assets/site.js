// What the theme lacks for keyboards and screen readers: a name for the search, and focus for what can be scrolled.
function makeScrollersFocusable() {
  for (const element of document.querySelectorAll('.md-typeset pre > code, .md-typeset__scrollwrap, .md-typeset p')) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    else element.removeAttribute('tabindex');
  }
}

document.querySelector('.md-search')?.setAttribute('aria-label', 'Search');
addEventListener('load', makeScrollersFocusable);
addEventListener('resize', makeScrollersFocusable);
