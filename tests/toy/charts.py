"""Its chart."""

from sim.present.charts.style import BLUE, new_figure, write_title
from sim.studies.base import Chart
from toy.show import finding


def charts(record):
    """Return the chart of who comes when."""

    def make():
        figure = new_figure()
        write_title(figure, finding(record), "")
        axes = figure.add_axes((0.08, 0.12, 0.88, 0.68))
        axes.bar([each.begin for each in record.half_hours[14:38]],
                 [each.arrivals for each in record.half_hours[14:38]], color=BLUE)  # fmt: skip
        axes.tick_params(axis="x", rotation=90)
        return figure

    return [Chart("busiest", make, ("half_hours",))]
