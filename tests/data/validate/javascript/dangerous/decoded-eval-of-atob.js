const banner = "loading";
eval(atob("Y29uc29sZS5sb2coMSk=")); //! javascript.eval javascript.decoded-code
console.log(banner);
