/**
 * Texts that are names to a person and code to a page that trusts them: each breaks out of several contexts at once
 * and then calls `alert`, or leaves an element `x-polyglot` behind. Nothing of them may ever run or become markup.
 */
export const POLYGLOTS: Readonly<Record<string, string>> = {
  script: `<script>alert('script')</script><x-polyglot>`,
  'text of a script': `</script><script>alert('close')</script>'-alert('js')-'"-alert("js")-"`,
  image: `<img src=x onerror=alert('img')><x-polyglot>`,
  'attribute, double': `"><svg onload=alert('svg')><x-polyglot x="`,
  'attribute, single': `' autofocus onfocus=alert('focus') x='`,
  'attribute, bare': `x onmouseover=alert('over') tabindex=0 autofocus onfocus=alert('bare')`,
  'title and text area': `</title></textarea></style></noscript></template><iframe srcdoc="<script>parent.alert('frame')</script>">`,
  comment: `--><x-polyglot><details open ontoggle=alert('toggle')>`,
  address: `javascript:alert('href')//https://example.com/%0aalert('line')`,
  'data address': `data:text/html,<script>alert('data')</script>`,
  foreign: `<math><mtext><table><mglyph><style><img src onerror=alert('math')></style>`,
  style: `<style>@import'//evil.example/x.css';*{background:url(//evil.example/x)}</style>};*{color:red`,
  template: `{{constructor.constructor('alert(1)')()}}\${alert('tpl')}#{alert(1)}<%=alert(1)%>`,
  entities: `&lt;img src=x onerror=alert('ent')&gt;&#60;x-polyglot&#62;`,
  'half an entity': `&lt;<x-polyglot\u000conclick=alert(1)//`,
  'odd letters': `＜x-polyglot＞\u2028<x-polyglot>\u2029<\u0130mg src=x onerror=alert('i')>`,
  xml: `<?xml-stylesheet href="javascript:alert('xml')"?><![CDATA[<x-polyglot>]]>`,
  json: `"},"x":{"__proto__":{"polluted":"<x-polyglot>"}},"y":{"z":"`,
};

/** Runs in the page before anything else: notes every execution, however it comes about. */
export const TRAP = `
  globalThis.__ran = [];
  for (const name of ['alert', 'confirm', 'prompt', 'print'])
    globalThis[name] = (text) => { globalThis.__ran.push(name + ' ' + text); };
  addEventListener('securitypolicyviolation', (event) => {
    globalThis.__ran.push('policy ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample);
  });
`;

/** Runs in the page: what ran, and what of a text has become markup. */
export const FINDINGS = `(() => {
  const found = [...globalThis.__ran];
  const selector = 'x-polyglot, iframe, object, embed, base, math, script:not([src]), style:not([nonce]), ' +
    '[onerror], [onload], [onfocus], [ontoggle], [onclick], [onmouseover]';
  for (const element of document.querySelectorAll(selector))
    found.push('markup ' + element.outerHTML.slice(0, 120));
  for (const element of document.querySelectorAll('[href], [src], [action], [formaction]'))
    for (const name of ['href', 'src', 'action', 'formaction']) {
      const value = element.getAttribute(name) ?? '';
      if (/^[\\s\\0-\\x20]*(javascript|data:text|vbscript)/i.test(value)) found.push('address ' + value.slice(0, 80));
    }
  if ({}.polluted !== undefined) found.push('prototype');
  return found;
})()`;
