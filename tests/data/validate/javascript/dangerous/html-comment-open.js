let n = 3, i = 2;
let less = n <!--i //! javascript.html-comment
console.log(less);
