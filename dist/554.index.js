"use strict";exports.id=554,exports.ids=[554],exports.modules={7554:(e,t,n)=>{function commentMarker({application:e,environment:t}){return`\x3c!-- asg-deploy plan ${e} ${t} --\x3e`}function commentBody(e,t,n){let s=`${e}
${t}`;if(s.length<=65536)return s;let i=`

This is cut: GitHub takes 65536 characters. [The job summary](${n}) has all of it.
`,r=s.slice(0,65536-i.length-22),l=r.slice(0,r.lastIndexOf("\n")),isOpen=(e,t)=>l.split(e).length>l.split(t).length;return[l,...l.split(/^```$/m).length%2==0?["```"]:[],...isOpen("<pre>","</pre>")?["</pre>"]:[],...isOpen("<details>","</details>")?["</details>"]:[]].join("\n").concat(i)}n.d(t,{I:()=>commentBody,commentMarker:()=>commentMarker})}};
