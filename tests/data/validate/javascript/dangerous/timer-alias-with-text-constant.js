const later = setTimeout, code = "run()";
later(code, 5); //! javascript.timer-string
global["set" + "Immediate"]("run()"); //! javascript.timer-string
(0, setInterval)(code); //! javascript.timer-string
