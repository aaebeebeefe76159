# Two columns of a data frame: a line through them, and a picture of both.

# Fit y to x. Returns a list: intercept, slope, r2 and the number of points n.
fit_line <- function(data, x, y) {
  complete <- data[stats::complete.cases(data[c(x, y)]), ]
  if (nrow(complete) < 2) stop("a line needs two points at least")
  model <- stats::lm(stats::reformulate(x, y), complete)
  at <- unname(stats::coef(model))
  list(intercept = at[1], slope = at[2], r2 = summary(model)$r.squared, n = nrow(complete))
}

# Draw the points and the line as SVG text, `width` by `height` pixels.
draw_fit <- function(data, x, y, line, width = 640, height = 360) {
  across <- scale_to(data[[x]], 10, width - 10)
  # SVG counts downwards
  up <- scale_to(data[[y]], height - 10, 10)
  points <- sprintf('<circle cx="%.1f" cy="%.1f" r="3"/>', across(data[[x]]), up(data[[y]]))
  ends <- range(data[[x]], na.rm = TRUE)
  heights <- line$intercept + line$slope * ends
  stroke <- sprintf('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>',
                    across(ends[1]), up(heights[1]), across(ends[2]), up(heights[2]))
  c(sprintf('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">', width, height),
    points[stats::complete.cases(data[c(x, y)])], stroke, "</svg>")
}

# Return the function that takes the range of `values` to from .. to.
scale_to <- function(values, from, to) {
  ends <- range(values, na.rm = TRUE)
  function(value) from + (value - ends[1]) / (ends[2] - ends[1]) * (to - from)
}
