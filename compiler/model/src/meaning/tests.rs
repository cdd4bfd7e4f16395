mod differ;
mod forms;
mod project;
mod random;
mod same;
