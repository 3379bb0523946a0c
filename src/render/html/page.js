(function(){
"use strict";
var controls=document.getElementById("controls");
if(!controls)return;
controls.hidden=false;
var articles=Array.prototype.slice.call(document.querySelectorAll("article"));
var rows=Array.prototype.slice.call(document.querySelectorAll("#over tbody tr"));
var query=document.getElementById("q"),kind=document.getElementById("kind"),shown=document.getElementById("shown");
var boxes=Array.prototype.slice.call(controls.querySelectorAll("input[type=checkbox]"));
var texts=null;
function filter(){
  // What is searched is read once, when somebody searches.
  var words=query.value.toLowerCase().split(/\s+/).filter(Boolean);
  if(words.length&&!texts)texts=articles.map(function(a){return a.textContent.toLowerCase()});
  var on={},count=0;
  boxes.forEach(function(box){on[box.value]=box.checked});
  articles.forEach(function(article,at){
    var fits=on[article.dataset.action]!==false&&(!kind||!kind.value||kind.value===article.dataset.kind)&&
      words.every(function(word){return texts[at].indexOf(word)>=0});
    article.hidden=!fits;
    if(rows[at])rows[at].hidden=!fits;
    if(fits)count++;
  });
  shown.textContent=count+" of "+articles.length+" shown";
}
query.addEventListener("input",filter);
if(kind)kind.addEventListener("change",filter);
boxes.forEach(function(box){box.addEventListener("change",filter)});
function visible(){return articles.filter(function(article){return !article.hidden})}
function go(step){
  var list=visible();
  if(!list.length)return;
  var here=document.activeElement&&document.activeElement.closest("article");
  var at=list.indexOf(here);
  var next=list[at<0?(step>0?0:list.length-1):Math.min(list.length-1,Math.max(0,at+step))];
  next.focus({preventScroll:true});
  next.scrollIntoView({block:"start"});
}
document.addEventListener("keydown",function(event){
  if(event.ctrlKey||event.metaKey||event.altKey)return;
  var tag=event.target.tagName;
  if(event.key==="Escape"&&event.target===query){query.value="";filter();query.blur();return}
  if(tag==="INPUT"||tag==="SELECT"||tag==="TEXTAREA")return;
  if(event.key==="/"){event.preventDefault();query.focus()}
  else if(event.key==="j")go(1);
  else if(event.key==="k")go(-1);
});
function arrive(){
  var id=decodeURIComponent(location.hash.slice(1));
  var target=id&&document.getElementById(id);
  if(!target)return;
  var article=target.closest("article");
  if(article&&article.hidden){query.value="";boxes.forEach(function(box){box.checked=true});if(kind)kind.value="";filter()}
  if(target.tabIndex>=-1&&target.focus)target.focus({preventScroll:true});
  target.scrollIntoView({block:"center"});
}
window.addEventListener("hashchange",arrive);
document.addEventListener("click",function(event){
  // The same module again: the address of the page does not change then.
  var link=event.target.closest&&event.target.closest("a");
  var to=link&&link.getAttribute("href");
  if(to&&to===location.hash){event.preventDefault();arrive()}
});
if(location.hash)arrive();
})();
