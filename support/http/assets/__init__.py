"""Files as browsers and crawlers fetch them: how they are named, kept and compressed, and those at fixed addresses."""
