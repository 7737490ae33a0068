    {"none", threes}, {"none", rows}, {"none", training}, {"none", whole_numbers}, {"none", places}, {"none", data}, {"none", format}, {"none", product},
