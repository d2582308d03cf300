"use strict";exports.id=614,exports.ids=[614],exports.modules={8614:(s,r,e)=>{e.d(r,{fromEnv:()=>o.sF});var o=e(2809)}};
